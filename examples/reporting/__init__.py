"""A small reporting system: signs people in through Hallpass and shows the results that their claims allow."""
