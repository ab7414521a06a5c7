// The reader for a format, and when an event happened.

import { readTime, TIME_FIELDS } from '#languages/sigma/run.ts'
import { csvReader, readCsvLine, separatorOf } from './csv.ts'
import { type EventFormat, type EventObject, type EventReader } from './format.ts'
import { jsonReader, ndjsonReader } from './json.ts'
import { syslogReader } from './syslog.ts'
import { windowsXmlReader } from './windows.ts'

export interface ReaderOptions {
  /** The first line of the file: CSV has its names there. */
  readonly firstLine: string
  /** Unix milliseconds. */
  readonly now: number
}

export function readerFor(format: EventFormat, { firstLine, now }: ReaderOptions): EventReader {
  switch (format) {
    case 'ndjson':
      return ndjsonReader
    case 'json':
      return jsonReader
    case 'windows-xml':
      return windowsXmlReader
    case 'syslog':
      return syslogReader(now)
    case 'csv': {
      const separator = separatorOf(firstLine)
      return csvReader(readCsvLine(firstLine, separator), separator)
    }
  }
}

const MORE_TIME_FIELDS = ['eventTime', 'time', 'date', 'datetime', 'published', 'ts', 'Timestamp']
const FIELDS = [...TIME_FIELDS, ...MORE_TIME_FIELDS]

/** Unix milliseconds of the first field that holds a time; undefined when none does. */
export function timeOf(event: EventObject): number | undefined {
  for (const field of FIELDS) {
    const value = event[field]
    if (value === undefined || value === null) continue
    const time = readTime(value)
    if (time !== undefined && Number.isFinite(time)) return time
  }
  return undefined
}
