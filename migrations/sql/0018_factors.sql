-- Second factors, known devices, counted failures.
select;
