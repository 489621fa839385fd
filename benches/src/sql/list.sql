SELECT number, title, description, completed, created_at, updated_at FROM todo
WHERE user_id = ('00000000-0000-4000-8000-00000000000' || :client_id)::uuid ORDER BY number DESC LIMIT 201;
