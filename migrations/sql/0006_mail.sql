-- Messages and their delivery.
select;
