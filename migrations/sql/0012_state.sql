-- Search for people by any name part or any part of name and address; failed sign-ins; confirmations of state roles;
-- overrides of cells.

-- What a person can be found by the beginning of: her name from each of its words on, the others behind it.
-- "garcia-lopez maria" is found by gar, lop, maria g.
create function name_words(name_key text) returns setof text language sql immutable parallel safe as $$
    select distinct left(array_to_string((w || w)[i : i + cardinality(w) - 1], ' '), 40) collate "C"
    from string_to_array(translate(name_key, '-''', '  '), ' ') w, generate_subscripts(w, 1) i
    where w[i] <> ''
$$;

-- All runs of three characters of both; for a question the address is empty.
create function trigrams(name_key text, email_key text) returns text[] language sql immutable parallel safe as $$
    select array(select substr(name_key, i, 3) from generate_series(1, length(name_key) - 2) i
                 union all
                 select substr(email_key, i, 3) from generate_series(1, length(email_key) - 2) i)
$$;

create table user_words (
    user_id uuid not null references users on delete cascade,
    word text collate "C" not null,
    name_key text collate "C" not null,            -- copied from the user: the order of pages
    primary key (user_id, word)
);
insert into user_words select u.id, w, u.name_key from users u, name_words(u.name_key) w;
create index user_words_word on user_words (word, user_id);
create index user_words_head on user_words ("left"(word, 2), name_key, user_id) include (word);
create index users_trigrams on users using gin (trigrams(name_key, email_key));
grant select, insert, update, delete on user_words to hallpass_app;

-- By triggers, whoever writes: pages, files, the directory, the demo.
create function words_of_new_users() returns trigger language plpgsql as $$
begin
    insert into hallpass.user_words select u.id, w, u.name_key from added u, hallpass.name_words(u.name_key) w;
    return null;
end $$;
create trigger user_words_added after insert on users referencing new table as added
    for each statement execute function words_of_new_users();

create function words_of_renamed_user() returns trigger language plpgsql as $$
begin
    delete from hallpass.user_words where user_id = new.id;
    insert into hallpass.user_words select new.id, w, new.name_key from hallpass.name_words(new.name_key) w;
    return null;
end $$;
create trigger user_words_renamed after update of name_key on users
    for each row when (old.name_key <> new.name_key) execute function words_of_renamed_user();

-- What is carried out only when a second person confirms it. `detail`: ids and codes.
create table second_confirmations (
    id uuid primary key,
    kind text not null check (kind in ('grant-state-role', 'remove-state-role', 'erase-person', 'cell-override')),
    user_id uuid references users,                 -- whom it concerns
    detail jsonb not null,
    asked_by uuid not null references users,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    decided_by uuid references users,
    decided_at timestamptz,
    outcome text check (outcome in ('confirmed', 'withdrawn')),
    check ((decided_at is null) = (outcome is null))
);
create unique index second_confirmations_open on second_confirmations (kind, user_id, detail) where decided_at is null;
create index second_confirmations_asked on second_confirmations (asked_at);
grant select, insert, update, delete on second_confirmations to hallpass_app;

-- When the state's own roles were last confirmed, and told that they have to be.
create table state_role_confirmations (
    assignment_id uuid primary key references role_assignments on delete cascade,
    confirmed_at timestamptz,
    confirmed_by uuid references users,
    noticed_at timestamptz
);
grant select, insert, update, delete on state_role_confirmations to hallpass_app;

-- The last failed sign-in of each person, for the help desk.
create table sign_in_failures (
    user_id uuid primary key references users on delete cascade,
    failed_at timestamptz not null,
    why text not null check (why in ('wrong-password', 'not-active', 'too-many'))
);
grant select, insert, update, delete on sign_in_failures to hallpass_app;

-- Cells of the packs as the state has overridden them. `reach` null: the permission isn't given.
create table cell_overrides (
    id uuid primary key,
    program text not null,
    from_year text not null,                       -- of the pack's version; '' for one that is not tied to a year
    role text not null,
    permission text not null,
    reach text,
    assessments text[] not null default '{}',
    reports text[] not null default '{}',
    first_day date not null,
    last_day date not null,
    basis text not null,
    set_by uuid not null references users,
    confirmed_by uuid references users,
    set_at timestamptz not null,
    ended_at timestamptz,
    check (first_day <= last_day)
);
create index cell_overrides_open on cell_overrides (last_day) where ended_at is null;
grant select, insert, update on cell_overrides to hallpass_app;
