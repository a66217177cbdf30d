-- Sealed batches and personal data of the audit trail.
select;
