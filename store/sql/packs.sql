-- Program packs as they were loaded: the text is the pack, read again by each process.

-- name: all
select program, from_year, source from packs order by program, from_year;

-- name: digest
select digest from packs where program = $1 and from_year = $2 for update;

-- name: insert_absent
insert into packs (program, from_year, source, digest) values ($1, $2, $3, $4)
on conflict (program, from_year) do nothing
returning true;

-- name: put
insert into packs (program, from_year, source, digest) values ($1, $2, $3, $4)
on conflict (program, from_year) do update set source = excluded.source, digest = excluded.digest, loaded_at = now();
