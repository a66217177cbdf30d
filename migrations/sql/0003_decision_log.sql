-- A sample of decisions, written in batches after their answers were sent: ids, never names, and of students nothing.
create table decision_log (
    id uuid primary key,                           -- the decision's id, as the asker was told
    at timestamptz not null,
    asker_client text,
    asker_user uuid,
    subject uuid,                                  -- null: what was asked about is nobody's id
    permission text,                               -- null: whether a system may be opened
    resource_kind text not null,
    resource_id text,                              -- an id or level:code; null for students
    allowed boolean not null,
    reason text not null,
    access_version bigint,
    request_id text not null
);
create index decision_log_at on decision_log (at);
create index decision_log_subject on decision_log (subject, at);

grant select, insert, delete on decision_log to hallpass_app;
