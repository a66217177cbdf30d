-- School years of each program.

-- name: insert
insert into school_years (program, school_year, status) values ($1, $2, $3)
on conflict do nothing
returning true;
