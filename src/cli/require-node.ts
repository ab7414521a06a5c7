// Imported first by main.ts, so that it speaks before anything is loaded that an older Node would
// trip over with a message nobody understands.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 11)) {
  console.error(
    `Rulewright runs on Node 24.11 or newer; this is ${process.versions.node}. ` +
      'Start it with `npm run rulewright -- …`, which brings its own.',
  )
  process.exit(2)
}
