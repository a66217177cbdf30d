-- Files of people, their rows and reports.
select;
