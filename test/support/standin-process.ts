// A Splunk and an OpenSearch in a process of their own, so that what they compute is not taken for the
// product's. Prints their addresses as one line of JSON and runs until its standard input ends. With the
// argument `large` Splunk answers a poll with a gigabyte.

import { systemClock } from '#platform/clock.ts'
import { documentsOf, makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { endless } from '#standins/faults.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'

const EVENTS = 500

async function live(): Promise<void> {
  const clock = systemClock
  const at = clock.now() / 1_000 - 60
  const seen = { CommandLine: 'cmd /c whoami', EventCode: 1 }
  const source = 'XmlWinEventLog:Microsoft-Windows-Sysmon/Operational'
  const events = Array.from({ length: EVENTS }, (_, n) => ({
    _time: at - n,
    index: 'main',
    source,
    sourcetype: 'XmlWinEventLog',
    host: `ws-${n % 40}`,
    ...seen,
  }))
  const documents = Array.from({ length: EVENTS }, (_, n) => ({
    '@timestamp': new Date((at - n) * 1_000).toISOString(),
    'winlog.channel': 'Microsoft-Windows-Sysmon/Operational',
    'event.code': '1',
    'host.name': `ws-${n % 40}`,
    'process.command_line': 'cmd /c whoami',
  }))
  const estate = makeEstate({ clock, events, jobsMax: 10_000, pollsToDone: 3 })
  const cluster = makeCluster({ clock, documents: documentsOf('logs-windows', documents) })
  const splunk = await startStandin(splunkAnswers(estate), { clock })
  const opensearch = await startStandin(opensearchAnswers(cluster), { clock })
  if (process.argv.includes('large')) {
    // The first asks whether the search is there already.
    const polled = { method: 'GET', path: /\/jobs\/rulewright_/, after: 1 }
    splunk.faults.on(polled, endless(1024 ** 3))
  }
  process.stdout.write(`${JSON.stringify({ splunk: splunk.url, opensearch: opensearch.url })}\n`)
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

await live()
