DROP INDEX todo_change_by_time;
DROP INDEX turn_running_of_user;
DROP TABLE account_usage;
