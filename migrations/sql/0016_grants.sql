-- Pushed requests, proofs that were used, client assertions.
select;
