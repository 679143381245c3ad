-- The digest's rows: every merged merge request with the contributions label, whoever wrote it, days as the zone counts them.
SELECT CAST(timezone($zone, timezone('UTC', merged_at)) AS DATE) AS merged_on, project, title, url, labels
FROM stored_merge_requests
WHERE list_contains(labels, $label) AND merged_at >= $start AND merged_at < $end
ORDER BY merged_on, project, title, url
