-- Shared Signals: streams and events.
select;
