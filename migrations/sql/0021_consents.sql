-- What a person consented to.
select;
