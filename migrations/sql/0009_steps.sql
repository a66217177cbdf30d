-- Contacts, SIS credentials, registered domains.
select;
