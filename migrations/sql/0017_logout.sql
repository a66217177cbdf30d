-- Logout notices to relying parties.
select;
