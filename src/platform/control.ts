// The control socket: how a command on a data directory reaches the server that holds it. A Unix
// socket (0600) in the private data directory; whoever can open it owns the instance already, so the
// user name a caller gives is for the audit log and proves nothing.
//
// One command a connection; lines of JSON. To the server: one request, then an answer to each `ask`.
// Back: `out` and `err` lines as they come, `ask` for standard input, `exit` at the end. A caller
// that hangs up aborts its command.

import { chmodSync, closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { errnoOf } from './errno.ts'

export interface ControlRequest {
  /** The arguments behind `rulewright`. */
  readonly argv: readonly string[]
  /** Absolute; relative paths in `argv` are relative to it. */
  readonly cwd: string
  /** The caller's name at the operating system. */
  readonly user: string
}

/** The caller's side of a running command. */
export interface ControlSession {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Waits until a slow caller has taken what was written. */
  readonly drained?: () => Promise<void>
  readonly stdin: () => Promise<string>
  readonly signal: AbortSignal
}

export interface ControlSocket {
  /** Takes no more commands and waits for those that run. */
  readonly close: () => Promise<void>
}

const LINE_CHARS_MAX = 1024 * 1024
const CALLERS_MAX = 16
/** Raised when the two sides could misunderstand each other: an old client and a new server. */
const PROTOCOL = 1

const Request = z.strictObject({
  protocol: z.literal(PROTOCOL),
  argv: z.array(z.string()).max(1_000),
  cwd: z.string().startsWith('/'),
  user: z.string().max(256),
})
const Input = z.strictObject({ stdin: z.string() })
const Reply = z.union([
  z.strictObject({ out: z.string() }),
  z.strictObject({ err: z.string() }),
  z.strictObject({ ask: z.literal('stdin') }),
  z.strictObject({ exit: z.int().min(0).max(255) }),
])

/** `run` answers with the exit code and does not throw. Only the holder of the lock may listen. */
export async function listenForCommands(
  file: string,
  run: (request: ControlRequest, session: ControlSession) => Promise<number>,
): Promise<ControlSocket> {
  const running = new Set<Promise<void>>()
  const server = createServer((socket) => {
    const done = serveCaller(socket, run).finally(() => running.delete(done))
    running.add(done)
  })
  server.maxConnections = CALLERS_MAX
  removeStale(file)
  await withShortPath(file, (short) => listen(server, short))
  chmodSync(file, 0o600)
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all(running)
      await closed
    },
  }
}

/**
 * Runs a command in the server that listens on `file`. Undefined when none does. Throws `upstream`
 * when the server goes away before the command ended, `cancelled` when `signal` is aborted.
 */
export async function callServer(
  file: string,
  request: ControlRequest,
  session: ControlSession,
): Promise<number | undefined> {
  const socket = await withShortPath(file, open)
  if (!socket) return undefined
  const hangUp = () => socket.destroy()
  session.signal.addEventListener('abort', hangUp, { once: true })
  try {
    send(socket, { protocol: PROTOCOL, ...request })
    for await (const line of linesOf(socket)) {
      const reply = Reply.parse(JSON.parse(line))
      if ('out' in reply) session.out(reply.out)
      else if ('err' in reply) session.err(reply.err)
      else if ('ask' in reply) send(socket, { stdin: await session.stdin() })
      else return reply.exit
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  } finally {
    session.signal.removeEventListener('abort', hangUp)
    socket.destroy()
  }
  if (session.signal.aborted) throw new AppError('cancelled', 'cancelled')
  throw new AppError(
    'upstream',
    'the server went away before the command ended; look at the audit log for what was done',
  )
}

/** Whether a server takes commands there. */
export async function isServed(file: string): Promise<boolean> {
  const socket = await withShortPath(file, open)
  socket?.destroy()
  return socket !== undefined
}

async function serveCaller(
  socket: Socket,
  run: (request: ControlRequest, session: ControlSession) => Promise<number>,
): Promise<void> {
  const gone = new AbortController()
  socket.on('close', () => gone.abort())
  socket.on('error', () => gone.abort()) // a caller that is gone wants no answer
  const lines = linesOf(socket)[Symbol.asyncIterator]()
  try {
    const request = Request.parse(JSON.parse(await nextLine(lines)))
    const exit = await run(request, {
      out: (line) => send(socket, { out: line }),
      err: (line) => send(socket, { err: line }),
      drained: () => drained(socket, gone.signal),
      stdin: async () => {
        send(socket, { ask: 'stdin' })
        return Input.parse(JSON.parse(await nextLine(lines))).stdin
      },
      signal: gone.signal,
    })
    send(socket, { exit })
  } catch {
    // Only what is no request of ours lands here: `run` does not throw.
    send(socket, {
      err: 'rulewright: the running server is of another version; use its own command',
    })
    send(socket, { exit: 3 })
  } finally {
    socket.end()
  }
}

async function drained(socket: Socket, gone: AbortSignal): Promise<void> {
  if (!socket.writableNeedDrain || gone.aborted) return
  await Promise.race([once(socket, 'drain'), once(socket, 'close')])
}

async function nextLine(lines: AsyncIterator<string, undefined>): Promise<string> {
  const { value, done } = await lines.next()
  if (done) throw new AppError('cancelled', 'the caller hung up')
  return value
}

// readline holds a line however long; the count in front of it ends the connection instead.
function linesOf(socket: Socket): AsyncIterable<string> {
  let pending = 0
  socket.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(0x0a)
    pending = end < 0 ? pending + chunk.length : chunk.length - end
    if (pending > LINE_CHARS_MAX) socket.destroy()
  })
  return createInterface({ input: socket, crlfDelay: Infinity })
}

function send(socket: Socket, message: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}

function open(file: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(file)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => {
      const code = errnoOf(error)
      // Nobody there, or a file left by a server that died.
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined)
      else reject(unreachable(file, error))
    })
  })
}

function unreachable(file: string, cause: Error): AppError {
  return new AppError('upstream', `${file} cannot be opened (${errnoOf(cause)})`, { cause })
}

function listen(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function removeStale(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

const SOCKET_PATH_BYTES_MAX = 100

// The kernel takes 107 bytes of path. Deeper data directories are reached through a descriptor.
async function withShortPath<T>(file: string, use: (file: string) => Promise<T>): Promise<T> {
  if (!existsSync(path.dirname(file)) || Buffer.byteLength(file) <= SOCKET_PATH_BYTES_MAX)
    return use(file)
  const folder = openSync(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return await use(`/proc/self/fd/${folder}/${path.basename(file)}`)
  } finally {
    closeSync(folder)
  }
}
