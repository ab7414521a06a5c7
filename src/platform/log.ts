// The operational log: one JSON object a line, on standard error. Every line passes the scrubber as a
// whole just before it is written, so that no field, message or stack escapes it; line ends inside a
// value are escapes, so that nobody can forge a line.

import { writeSync } from 'node:fs'
import { format } from 'node:util'
import pino, { type Logger } from 'pino'
import { formatInstant, type Clock } from '#kernel/time.ts'
import { scrubJson } from './scrub.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export interface LogOptions {
  readonly level: LogLevel
  readonly clock: Clock
  /** Where lines go, each with its line end; standard error when left out. */
  readonly write?: (line: string) => void
  /** Secret values of this process (a token read from a file): hidden wherever they appear. */
  readonly secrets?: () => Iterable<string>
}

/** A longer text in one field is cut: a log line is no place for a document. */
const TEXT_CHARS_MAX = 16 * 1024

export function createLog({ level, clock, write = writeError, secrets }: LogOptions): Logger {
  const known = () => [...(secrets?.() ?? [])].filter((secret) => secret.length >= 8)
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${formatInstant(clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(`${scrubLine(line, known())}\n`) },
  )
}

/**
 * Sends what libraries print to the log. Standard output carries one promised line and nothing else;
 * the HTTP adapter alone would add one for each visitor who leaves early.
 */
export function adoptConsole(log: Logger): void {
  const levels = {
    debug: 'debug',
    log: 'info',
    info: 'info',
    warn: 'warn',
    error: 'error',
  } as const
  for (const [name, level] of Object.entries(levels)) {
    const write = (...parts: readonly unknown[]) =>
      log[level]({ from: 'console' }, format(...parts))
    Object.assign(console, { [name]: write })
  }
}

/** One line of JSON in, the same without secrets out. */
export function scrubLine(line: string, known: readonly string[] = []): string {
  const clean = scrubJson(JSON.parse(line, cutLongText), known)
  return JSON.stringify(clean).replaceAll(UNSEEN, escapeUnseen)
}

function cutLongText(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= TEXT_CHARS_MAX) return value
  return `${value.slice(0, TEXT_CHARS_MAX)} … (${value.length - TEXT_CHARS_MAX} more characters)`
}

// JSON leaves these as they are; some terminals and log viewers take them for line ends or commands.
const UNSEEN = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

function escapeUnseen(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function writeError(line: string): void {
  let bytes = Buffer.from(line)
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(process.stderr.fd, bytes))
    } catch (error) {
      // A full pipe takes no more right now; a closed one never will, and nobody is left to tell.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    }
  }
}
