// The text a scraper reads.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '#platform/metrics.ts'
import { measureProcess } from '#platform/process-metrics.ts'

test('counters add up by label, gauges are asked, histograms are cumulative', () => {
  const metrics = new Metrics()
  const requests = metrics.counter('requests_total', 'Requests.')
  const seconds = metrics.histogram('request_seconds', 'Time taken.', [0.1, 1])
  let jobs = 3
  metrics.gauge('jobs', 'Jobs.', () => jobs)
  metrics.gauge('absent', 'Not known.', () => undefined)
  requests.add({ status: '200' })
  requests.add({ status: '200' }, 2)
  requests.add({ status: '404' })
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value)
  jobs = 4
  assert.equal(
    metrics.format(),
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{status="200"} 3
requests_total{status="404"} 1
# HELP request_seconds Time taken.
# TYPE request_seconds histogram
request_seconds_bucket{le="0.1"} 2
request_seconds_bucket{le="1"} 3
request_seconds_bucket{le="+Inf"} 4
request_seconds_sum 7.65
request_seconds_count 4
# HELP jobs Jobs.
# TYPE jobs gauge
jobs 4
# HELP absent Not known.
# TYPE absent gauge
`,
  )
})

test('a label cannot break its line, and a gauge that fails takes no other with it', () => {
  const metrics = new Metrics()
  metrics.gauge('broken', 'Throws.', () => {
    throw new Error('no')
  })
  metrics.counter('odd_total', 'Odd.').add({ route: 'a"b\\c\nd' })
  assert.match(metrics.format(), /^odd_total\{route="a\\"b\\\\c\\nd"\} 1$/m)
})

test('labels without end stop being counted', () => {
  const metrics = new Metrics()
  const counter = metrics.counter('many_total', 'Many.')
  for (let i = 0; i < 5_000; i++) counter.add({ i: String(i) })
  assert.equal(metrics.format().trim().split('\n').length, 2 + 2_000)
})

test('the process tells of memory, start, version and how late its event loop is', (t) => {
  const metrics = new Metrics()
  t.after(measureProcess(metrics, '1.2.3'))
  const text = metrics.format()
  assert.match(text, /^rulewright_build_info\{version="1\.2\.3"\} 1$/m)
  assert.match(text, /^process_resident_memory_bytes \d{7,}$/m)
  assert.match(text, /^process_start_time_seconds 1\d{9}$/m)
  assert.match(text, /^rulewright_event_loop_lag_seconds\{quantile="0\.99"\} [\d.e-]+$/m)
})
