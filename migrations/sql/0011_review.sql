-- Access reviews.
select;
