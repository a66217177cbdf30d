-- Overrides, confirmations, retention and search.
select;
