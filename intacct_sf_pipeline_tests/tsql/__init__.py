"""A stand-in for SQL Server where none can run: T-SQL is checked against SQL Server's rules, then carried out.

`driver.Pyodbc` takes the place of the module `pyodbc`. Each statement that SQLAlchemy has written for SQL Server is
parsed as T-SQL (`parse`), refused where SQL Server would refuse it (`rules`), and translated for a PostgreSQL whose
columns compare as SQL Server's binary collations do (`translate`): trailing blanks do not count. Comparing text of any
other collation is refused, as its outcome would depend on the server. It knows what
this project uses, and says so when it is given something else. It is no substitute for the real server, on which the
same tests run where TEST_MSSQL_URL names one.
"""
