/** What the first console of a first start holds: something to run on the sample web shop. */

/** The instance that the first start makes, filled with the sample. */
export const sampleInstanceName = 'playground'

export const sampleStatements = `-- Ctrl+Enter runs the statement under the caret, Ctrl+Shift+Enter all of them.
select c.name, count(*) as orders, sum(o.total) as spent
from orders o
join customers c using (customer_id)
group by c.customer_id
order by spent desc
limit 20;

select status, count(*), min(ordered_at), max(ordered_at)
from orders
group by status
order by status;

-- A million rows, on their way while you watch:
select i, md5(i::text) as digest, random() as x
from generate_series(1, 1000000) as i;
`
