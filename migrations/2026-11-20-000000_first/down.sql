DROP TABLE todo_change;
DROP TABLE message;
DROP TABLE turn;
DROP TABLE conversation;
DROP TABLE todo;
DROP TABLE "user";
