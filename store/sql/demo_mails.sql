-- Demo mode: the newest mails, to be read on a page.

-- name: insert
insert into demo_mails (id, at, recipient, subject, text, html) values ($1, $2, $3, $4, $5, $6)

-- name: keep_newest
delete from demo_mails where id in (select id from demo_mails order by at desc, id offset $1)

-- name: newest
select id, at, recipient, subject, text, html from demo_mails order by at desc, id limit $1

-- name: one
select id, at, recipient, subject, text, html from demo_mails where id = $1
