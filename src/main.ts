// The executable's door: hands the arguments to the command line, and what only app.ts can build.

// oxlint-disable-next-line import/no-unassigned-import -- it speaks by being imported first
import '#cli/require-node.ts'
import { runProcess } from '#cli/process.ts'

// Loaded when a command needs it: help, usage errors and commands that a running server carries out
// answer without opening a database library.
void runProcess({
  startApp: async (options) => (await import('./app.ts')).startApp(options),
  openHouse: async (options) => (await import('./app.ts')).openHouse(options),
  startEstate: async () => (await import('./app.ts')).startEstate(),
  listRoutes: async () => (await import('#http/route-table.ts')).routeTable(),
})
