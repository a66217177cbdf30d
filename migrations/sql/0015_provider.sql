-- What a registration says beyond the first provider, and what a session or an authorization is limited to.

alter table relying_parties
    drop constraint relying_parties_auth_method_check,
    add constraint relying_parties_auth_method_check
        check (auth_method in ('private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none')),
    add column jwks jsonb,                                     -- public keys for private_key_jwt (RFC 7523)
    add column dpop_bound boolean not null default false,      -- every token is bound to a key (RFC 9449)
    add column require_par boolean not null default false,     -- authorization requests come pushed only (RFC 9126)
    add column backchannel_logout_uri text,
    add column changes_by text not null default 'refresh'
        check (changes_by in ('refresh', 'backchannel-logout', 'shared-signals')),
    add column legacy boolean not null default false,          -- may send a token in the address of tokeninfo
    add constraint relying_parties_keys check ((auth_method = 'private_key_jwt') = (jwks is not null)),
    add constraint relying_parties_backchannel
        check (changes_by <> 'backchannel-logout' or backchannel_logout_uri is not null);

-- A session that came through an LEA's own identity provider reaches no further than that LEA, nor does what comes from it.
alter table sessions add column lea_id uuid references organizations;
alter table authorizations
    add column lea_id uuid references organizations,
    add column dpop_jkt text;                                  -- thumbprint of the key that its tokens are bound to

-- Whose address somebody else has changed since a role was given: that role isn't brought back unseen.
create index email_changes_applied on email_changes (user_id, applied_at) where applied_at is not null;
