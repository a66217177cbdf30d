-- Closing of school years, and the directory's past.
select;
