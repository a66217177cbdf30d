-- Identity providers of districts, their domains and links.
select;
