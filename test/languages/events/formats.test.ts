// Formats of events: recognised by how they begin, read in pieces of any size with the same result, and
// what is broken is told with its line while the rest comes in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventFormat, EventObject } from '#languages/events/format.ts'
import { logSourceOf } from '#languages/events/log-source.ts'
import { readerFor, timeOf } from '#languages/events/read.ts'
import { readSource, writeSource } from '#languages/events/source.ts'
import { recogniseFormat } from '#languages/events/recognise.ts'

interface Read {
  readonly format: EventFormat | undefined
  readonly events: readonly EventObject[]
  readonly lines: readonly number[]
  readonly bad: readonly (readonly [number, string])[]
}

const NOW = Date.UTC(2026, 10, 22)

/** As an import reads: pieces of `size` bytes, longer where a piece holds no whole event. */
function read(text: string, size = 1 << 20): Read {
  const format = recogniseFormat(text.slice(0, 100_000))
  if (format === undefined) return { format, events: [], lines: [], bad: [] }
  const bytes = Buffer.from(text)
  const reader = readerFor(format, { firstLine: /^[^\r\n]*/.exec(text)![0], now: NOW })
  const events: EventObject[] = []
  const lines: number[] = []
  const bad: [number, string][] = []
  let [at, firstLine, length] = [0, 1, size]
  while (at < bytes.length) {
    const piece = bytes.subarray(at, at + length)
    const isLast = at + piece.length === bytes.length
    const { used, lines: ends } = reader.read(
      { bytes: piece, firstLine, isLast },
      {
        take(event, json, line) {
          assert.deepEqual(JSON.parse(json), event)
          assert.ok(!json.includes('\n'), 'one line')
          events.push(event)
          lines.push(line)
        },
        refuse: (line, reason) => void bad.push([line, reason]),
      },
    )
    if (used === 0) length *= 2
    else [at, firstLine, length] = [at + used, firstLine + ends, size]
  }
  return { format, events, lines, bad }
}

function readsTheSameInPieces(text: string): Read {
  const whole = read(text)
  for (const size of [16, 61, 500]) assert.deepEqual(read(text, size), whole, `pieces of ${size}`)
  return whole
}

test('NDJSON: one object a line, and a broken line costs only itself', () => {
  const text = '{"a":1}\n{"a":\r\n\n[1]\n  {"a":"\\u00e9 ü"} \r\n{"a":3}'
  const { format, events, lines, bad } = readsTheSameInPieces(text)
  assert.equal(format, 'ndjson')
  assert.deepEqual(events, [{ a: 1 }, { a: 'é ü' }, { a: 3 }])
  assert.deepEqual(lines, [1, 5, 6])
  assert.deepEqual(
    bad.map(([line]) => line),
    [2, 4],
  )
})

test('JSON: a list, a list inside one object, and objects one after another', () => {
  const list = readsTheSameInPieces('[\n {"a": {"b": "}"}},\n {"a": "\\"{"},\n {"a": tru}\n]\n')
  assert.equal(list.format, 'json')
  assert.deepEqual(list.events, [{ a: { b: '}' } }, { a: '"{' }])
  assert.deepEqual(list.lines, [2, 3])
  assert.deepEqual(
    list.bad.map(([line]) => line),
    [4],
  )
  const trail = '{"Records":[{"eventName":"A"},{"eventName":"B"}]}'
  assert.deepEqual(read(trail).events, [{ eventName: 'A' }, { eventName: 'B' }])
  assert.equal(read(trail).format, 'json')
  const printed = readsTheSameInPieces('Record 1\n{\n  "a": 1\n}\nRecord 2\n{\n  "a": 2\n}\n')
  assert.deepEqual(printed.events, [{ a: 1 }, { a: 2 }])
  assert.deepEqual(printed.lines, [2, 6])
  assert.deepEqual(read('[{"a":1},{"a":').bad, [[1, 'does not end']])
})

test('CSV: names in the first line, quoted cells with line ends, empty cells are no fields', () => {
  const text = 'time,user,note\r\n1,ada,"two\nlines, and ""quotes"""\n2,,\n3,a,b,c\n4,x,y'
  const { format, events, lines, bad } = readsTheSameInPieces(text)
  assert.equal(format, 'csv')
  assert.deepEqual(events, [
    { time: '1', user: 'ada', note: 'two\nlines, and "quotes"' },
    { time: '2' },
    { time: '4', user: 'x', note: 'y' },
  ])
  assert.deepEqual(lines, [2, 4, 6])
  assert.deepEqual(bad, [[5, 'has 4 cells where 3 have a name']])
  assert.deepEqual(read('a;b\n1;2,5\n').events, [{ a: '1', b: '2,5' }])
})

const XML = `<?xml version="1.0" encoding="utf-8"?>
<Events>
<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/><EventID>1</EventID><TimeCreated SystemTime='2026-11-20T09:12:00.123Z'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>wks-014</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='Image'>C:\\Windows\\cmd.exe</Data><Data Name='CommandLine'>cmd /c &quot;a &amp;&#x20;b&quot;</Data><Data Name='Empty'/></EventData></Event>
<Event><Nothing/></Event>
<Event><System><EventID Qualifiers='16384'>4688</EventID><Channel>Security</Channel></System><EventData><Data Name='NewProcessName'>C:\\a.exe</Data><Data Name='SubjectUserName'>lena</Data><Data Name='SubjectDomainName'>ACME</Data></EventData></Event>
</Events>`

test('XML of the Windows event log: flat, with the names rules use', () => {
  const { format, events, bad, lines } = readsTheSameInPieces(XML)
  assert.equal(format, 'windows-xml')
  assert.deepEqual(events[0], {
    Provider_Name: 'Microsoft-Windows-Sysmon',
    Provider_Guid: '{5770385f}',
    EventID: 1,
    '@timestamp': '2026-11-20T09:12:00.123Z',
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Computer: 'wks-014',
    Security_UserID: 'S-1-5-18',
    Image: 'C:\\Windows\\cmd.exe',
    CommandLine: 'cmd /c "a & b"',
    Empty: '',
  })
  assert.deepEqual(bad, [[4, 'is no event of Windows']])
  assert.deepEqual(lines, [3, 5])
  assert.equal(events[1]!['Image'], 'C:\\a.exe')
  assert.equal(events[1]!['User'], 'ACME\\lena')
})

test('what evtx-dump makes of the same event reads the same', () => {
  const dump = {
    Event: {
      '#attributes': { xmlns: 'x' },
      System: {
        Provider: { '#attributes': { Name: 'Microsoft-Windows-Sysmon', Guid: '{5770385f}' } },
        EventID: 1,
        TimeCreated: { '#attributes': { SystemTime: '2026-11-20T09:12:00.123Z' } },
        Channel: 'Microsoft-Windows-Sysmon/Operational',
        Computer: 'wks-014',
        Correlation: null,
        Security: { '#attributes': { UserID: 'S-1-5-18' } },
      },
      EventData: { Image: 'C:\\Windows\\cmd.exe', CommandLine: 'cmd /c "a & b"', Empty: '' },
    },
  }
  assert.deepEqual(read(`${JSON.stringify(dump)}\n`).events[0], read(XML).events[0])
})

test('what Winlogbeat sends has the names of rules beside its own', () => {
  const sent = {
    '@timestamp': '2026-11-20T09:12:00.123Z',
    host: { name: 'wks-014' },
    winlog: {
      channel: 'Security',
      event_id: '4688',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      event_data: { NewProcessName: 'C:\\a.exe', CommandLine: 'a -b' },
    },
  }
  const [event] = read(JSON.stringify(sent)).events
  assert.ok(event)
  const { EventID, Channel, Image, CommandLine, winlog } = event
  assert.deepEqual([EventID, Channel, Image, CommandLine], [4688, 'Security', 'C:\\a.exe', 'a -b'])
  assert.deepEqual(winlog, sent.winlog)
  assert.match(writeSource(logSourceOf(event)), /category=process_creation/)
})

test('syslog, old and new: parts become fields, and the year is the last that is not ahead', () => {
  const { format, events, bad } = readsTheSameInPieces(
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick",
      'Dec  3 04:05:06 web-1 sshd[321]: Failed password for root',
      '<165>1 2026-08-24T05:14:15.003-07:00 host.example evntslog 8710 ID47 [ex@1 iut="3" src="a\\"b"] An event',
      'nothing of the kind',
      '2026-11-20T10:00:00.5+01:00 db-1 CRON[1]: (root) CMD (run)',
    ].join('\n'),
  )
  assert.equal(format, 'syslog')
  assert.deepEqual(events, [
    {
      '@timestamp': '2026-10-11T22:14:15.000Z',
      facility: 4,
      severity: 2,
      hostname: 'mymachine',
      appname: 'su',
      message: "'su root' failed for lonvick",
    },
    {
      '@timestamp': '2025-12-03T04:05:06.000Z',
      hostname: 'web-1',
      appname: 'sshd',
      procid: '321',
      message: 'Failed password for root',
    },
    {
      '@timestamp': '2026-08-24T12:14:15.003Z',
      facility: 20,
      severity: 5,
      hostname: 'host.example',
      appname: 'evntslog',
      procid: '8710',
      msgid: 'ID47',
      'ex@1.iut': '3',
      'ex@1.src': 'a"b',
      message: 'An event',
    },
    {
      '@timestamp': '2026-11-20T09:00:00.500Z',
      hostname: 'db-1',
      appname: 'CRON',
      procid: '1',
      message: '(root) CMD (run)',
    },
  ])
  assert.deepEqual(bad, [[4, 'is no line of syslog']])
})

test('what is no file of events is not taken for one', () => {
  for (const text of ['', 'hello\nworld', '%PDF-1.7', '<html></html>', 'PK\u0003\u0004']) {
    assert.equal(recogniseFormat(text), undefined, text)
  }
})

test('an event says where it comes from, or nothing is said', () => {
  const cases: readonly (readonly [EventObject, string])[] = [
    [{ logsource: { product: 'okta', service: 'okta' } }, 'product=okta,service=okta'],
    [
      { Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 13 },
      'product=windows,category=registry_set,category=registry_event,service=sysmon',
    ],
    [
      { Channel: 'Security', EventID: '4688' },
      'product=windows,category=process_creation,service=security',
    ],
    [{ Channel: 'Security', EventID: 4624 }, 'product=windows,service=security'],
    [
      { Channel: 'Microsoft-Windows-PowerShell/Operational', EventID: 4104 },
      'product=windows,category=ps_script,service=powershell',
    ],
    [
      { eventSource: 'iam.amazonaws.com', eventName: 'x', awsRegion: 'y' },
      'product=aws,service=cloudtrail',
    ],
    [{ appname: 'sshd', hostname: 'a', message: 'b' }, 'product=linux,service=sshd'],
    [{ user: 'ada' }, ''],
  ]
  for (const [event, expected] of cases) {
    const source = logSourceOf(event)
    assert.equal(writeSource(source), expected)
    if (source) assert.equal(writeSource(readSource(expected)), expected)
  }
  assert.equal(readSource('product'), undefined)
})

test('the time of an event is its first field that holds one', () => {
  const at = Date.UTC(2026, 10, 20, 9)
  assert.equal(timeOf({ '@timestamp': '2026-11-20T09:00:00Z' }), at)
  assert.equal(timeOf({ UtcTime: '2026-11-20 09:00:00.000' }), at)
  assert.equal(timeOf({ eventTime: '2026-11-20T09:00:00Z', ts: 1 }), at)
  assert.equal(timeOf({ ts: at / 1000 + 0.5 }), at + 500)
  assert.equal(timeOf({ user: 'ada' }), undefined)
})
