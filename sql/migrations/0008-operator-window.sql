-- The window over the calls of all tenants is named for the operator, who may see them.
alter table rollup.house_window rename to operator_window;
alter table rollup.operator_window
  rename constraint one_cell_a_house_window to one_cell_per_operator_window;

-- Functions look tables up by name when they run, and the rebuilt functions come only in the next transaction. Until
-- then roll-up finds the table under its old name through this view, which is updatable. Rebuilding the views drops it.
create view rollup.house_window as select * from rollup.operator_window;
