-- When somebody proved who she is, apart from when she came in by it: a district's provider vouches for older proofs.

-- Null: at auth_time, as of every session from before this column.
alter table sessions add column signed_in_at timestamptz;

-- What the way has to bring back: a proof no older than that, asked for by an authorization request; null: any.
alter table identity_sign_ins
    add column fresh_after timestamptz,
    add column acr text not null default '';                   -- AAL2 where a second step is asked for, too

-- Null: as the sign-in is finished.
alter table pending_sign_ins add column proved_at timestamptz;
