# Statements of the tree model, for TestRecordedTree.
create database root.recorded
create database root.recorded
create database root.recorded.below
~show databases root.recorded
create timeseries root.recorded.d1.i INT32
create timeseries root.recorded.d1.i INT32
create timeseries root.recorded.d1.x with datatype=TEXT
create aligned timeseries root.recorded.al (present BOOLEAN, v INT64, s STRING, d DOUBLE)
create aligned timeseries root.recorded.al (present BOOLEAN, v INT64)
insert into root.recorded.d1(timestamp, i, x) values (1, 10, 'a'), (2, 20, 'b')
insert into root.recorded.d1(time, i) values (3, 30)
insert into root.recorded.al(time, v, s, present) aligned values (1, 5, 'it''s', true), (2, null, 'y', true), (3, 7, null, false)
select i, x from root.recorded.d1
select x, i from root.recorded.d1 where i >= 20
select present, v, s from root.recorded.al where time > 1
select v from root.recorded.al
select s, v from root.recorded.al where s = 'it''s'
select v from root.recorded.al order by time desc limit 1
select v as alias from root.recorded.al limit 1 offset 1
select nosuch from root.recorded.al
select i from root.recorded.nosuch
select count(v), sum(v), avg(v), max_value(v), min_value(v), last_value(v), first_value(v) from root.recorded.al
select nope(v) from root.recorded.al
select i from d1
select i + 1 from root.recorded.d1 where time = 1
select i, i from root.recorded.d1 where time = 1
selekt
insert into root.recorded.d1(time, i) values (4, 'text')
insert into root.recorded.d1(time, made) values (5, 'auto')
select made from root.recorded.d1
select I from root.recorded.d1
delete from root.recorded.d1.i where time = 1
select i from root.recorded.d1
delete from root.recorded.al.* where time = 3
select v, s from root.recorded.al
~show timeseries root.recorded.al.*
~show devices root.recorded.*
count timeseries root.recorded.**
delete timeseries root.recorded.al.*
select v from root.recorded.al
delete timeseries root.recorded.al.*
show current_user
show version
show current_sql_dialect
show current_database
~show queries
use x
set time_zone='+08:00'
select 1
delete database root.recorded
delete database root.recorded
