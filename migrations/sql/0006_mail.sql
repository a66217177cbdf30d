-- Messages and their delivery.

-- A mail: for whom, which templates with which ids and codes, and how far its delivery has come. Neither its text, nor
-- its address, nor a link is kept: they are made when it is sent.
create table messages (
    id uuid primary key,                           -- also its Message-ID
    user_id uuid references users,                 -- null: somebody without an account, whom a value names
    cause uuid,                                    -- the upload or mutation it comes from
    joining uuid,                                  -- the cause, where further notices of it become one mail with this one
    request_id text,
    template text not null,                        -- the most urgent one of its notices
    notices jsonb not null,                        -- [{template, values, by}]
    priority integer not null,
    state text not null check (state in ('queued', 'held', 'sending', 'sent', 'failed', 'dead', 'dropped')),
    spread boolean not null default true,          -- false: of a batch that has not given it a job yet
    held_until timestamptz,
    created_at timestamptz not null default now(),
    attempts integer not null default 0,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    sending_until timestamptz,                     -- until then the process that sends it is believed alive
    sending_by uuid,
    sent_at timestamptz,
    answer_code integer,                           -- the mail server's last answer (RFC 5321 §4.2)
    problem text                                   -- a code for why it isn't sent
);
create unique index messages_joining on messages (joining, user_id)
    where joining is not null and state in ('queued', 'held');
create index messages_user on messages (user_id, created_at desc, id);
create index messages_state on messages (state, created_at desc, id) where state in ('failed', 'dead');
create index messages_unspread on messages (cause, id) where not spread;
create index messages_created on messages (created_at) where state in ('sent', 'dropped');

-- Uploads whose messages are still to be given jobs.
create table mail_batches (
    cause uuid primary key,
    parts integer not null default 1
);

-- When the next mail may go, over all processes: the stated rate.
create table mail_pace (
    singleton boolean primary key default true check (singleton),
    next_at timestamptz not null
);
insert into mail_pace (next_at) values (now());

-- Jobs that run once a day: which day's work each has finished, and how far an unfinished one came.
create table daily_jobs (
    name text primary key,
    finished_day date,
    day date,
    position text
);

-- Demo mode only: what would have been sent, to be read on a page.
create table demo_mails (
    id uuid primary key,
    at timestamptz not null,
    recipient text not null,
    subject text not null,
    text text not null,
    html text not null
);
create index demo_mails_at on demo_mails (at desc, id);

grant select, insert, update, delete on messages, mail_batches, daily_jobs to hallpass_app;
grant select, update on mail_pace to hallpass_app;
grant select, insert, update, delete on demo_mails to hallpass_app;
