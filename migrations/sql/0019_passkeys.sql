-- Passkeys and recovery of an account without factors.
select;
