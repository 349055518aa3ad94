/**
 * The layers as an allow-list: what a folder may import besides itself, and which folder owns which npm
 * package. A rule's comment is its reason. A new folder or package must be entered here before it is used.
 * docs/architecture.md draws the same picture.
 */

const TESTS = '\\.(test|spec)\\.tsx?$|^(test|e2e|bench|native-wasm/test)/'
const TOOLING = '^build/|^[^/]+\\.config\\.ts$'

/** Started by name or by URL, so nothing imports them. */
const ENTRIES = [
  '^src/main/[^/]+/main\\.ts$',
  '-worker\\.ts$',
  '^src/main/electron/host-process\\.ts$',
  '^src/preload/preload\\.ts$',
  '^src/renderer/main\\.tsx$',
  '^src/client/wardian-package\\.ts$',
]

const BASE = '^src/base/'
const CONTRACT = '^src/contract/'
const RPC = '^src/rpc/'
const PARSER = '^src/parser/'
const PROTOCOL = '^src/protocol/'
const PAGE = '^src/main/page/'
/** What counts statements in an engine's thread. */
const STATEMENT_RECORDING = '^src/main/statistics/(statement-recorder|statement-deltas)\\.ts$'
const WASM = '^native-wasm/js/'
const PANES = 'console|grid|history|explorer|endpoints|instances|transfer|servers|timeline|dashboard|cache'

/** Folder -> what it may import besides itself, and why no more. */
const LAYERS = {
  '^src/base/': {
    may: [],
    because: 'base knows no domain word',
  },
  '^src/contract/': {
    may: [],
    because: 'the contract is vocabulary, not behaviour',
  },
  '^src/rpc/': {
    may: [BASE, CONTRACT],
    because: 'rpc moves any contract table',
  },
  '^src/protocol/': {
    may: [BASE, CONTRACT],
    because: 'the envelope protocol is vocabulary of both sides, and knows neither',
  },
  '^src/parser/': {
    may: [CONTRACT, RPC],
    because: 'splitting SQL works anywhere and knows no session',
  },
  '^native-wasm/': {
    may: [],
    because: 'the decoder can be lifted out of the repository',
  },
  '^src/main/engine/': {
    may: [BASE, CONTRACT, WASM, STATEMENT_RECORDING],
    because: 'an engine knows no session, window or socket',
  },
  '^src/main/session/': {
    may: [BASE, CONTRACT, '^src/main/parser/parser-client\\.ts$', '^src/main/engine/engine\\.ts$'],
    because: 'sessions see the Engine interface, never a concrete engine',
  },
  '^src/main/cache/': {
    may: [BASE, CONTRACT, '^src/main/session/', '^src/main/engine/engine\\.ts$'],
    because: 'results are kept between sessions and engines, and belong to no client',
  },
  '^src/main/live/': {
    may: [
      BASE,
      CONTRACT,
      '^src/main/(session|cache)/',
      '^src/main/engine/engine\\.ts$',
      '^src/main/endpoints/live-reader\\.ts$',
    ],
    because: 'runs queries again when something was written, in turns like everybody; knows no socket',
  },
  '^src/main/worker/': {
    may: [BASE, CONTRACT, RPC],
    because: 'starts a thread that serves any contract',
  },
  '^src/main/storage/': {
    may: [BASE, CONTRACT, RPC, '^src/main/worker/', '^src/main/statistics/latency-histogram\\.ts$'],
    because: 'fed by host, asks nobody',
  },
  '^src/main/statistics/': {
    may: [
      BASE,
      CONTRACT,
      '^src/parser/password-redaction\\.ts$',
      '^src/main/parser/parser-client\\.ts$',
      '^src/main/storage/(storage-client|statistics-rows|statistics-merge)\\.ts$',
    ],
    because: 'counts statements for whoever runs them, and knows no engine and no session',
  },
  '^src/main/snapshots/': {
    may: [
      BASE,
      CONTRACT,
      RPC,
      '^src/main/worker/',
      '^src/main/storage/storage-error\\.ts$',
      '^src/main/engine/pglite/(snapshot-files|sealed-files|file-tree)\\.ts$',
    ],
    because: 'reads and writes the files of instances that stand still, and asks nobody',
  },
  '^src/main/archive/': {
    may: [
      BASE,
      CONTRACT,
      RPC,
      '^src/main/worker/',
      '^src/main/storage/storage-error\\.ts$',
      '^src/main/engine/pglite/file-tree\\.ts$',
    ],
    because: 'packs and unpacks directories that stand still, and asks nobody',
  },
  '^src/main/parser/': {
    may: [BASE, CONTRACT, RPC, PARSER, '^src/main/worker/'],
    because: 'the Node worker around src/parser, and its client',
  },
  '^src/main/page/': {
    may: [BASE, CONTRACT],
    because: 'the files of the page and their policy, however served',
  },
  '^src/main/endpoints/': {
    may: [
      BASE,
      CONTRACT,
      RPC,
      PAGE,
      PROTOCOL,
      WASM,
      '^src/main/engine/protocol/',
      '^src/main/engine/result/column-kinds\\.ts$',
    ],
    because:
      'a socket carries a port, or messages of Postgres, and knows nothing behind; the decoder makes rows',
  },
  '^src/main/transfer/': {
    may: [
      BASE,
      CONTRACT,
      '^src/parser/(sql-lexer|statement-scanner)\\.ts$',
      '^src/main/session/wire-(server|conversation|messages)\\.ts$',
      '^src/main/engine/protocol/',
      '^src/main/engine/postgres/(open-socket|cancel-request|connection-failure)\\.ts$',
      '^src/main/worker/',
    ],
    because: 'moves whole databases through sessions of the wire protocol, and knows no instance',
  },
  '^src/main/try/': {
    may: [
      BASE,
      CONTRACT,
      '^src/parser/sql-lexer\\.ts$',
      '^src/main/session/',
      '^src/main/parser/parser-client\\.ts$',
      '^src/main/engine/engine\\.ts$',
    ],
    because: 'a trial has engines and a script, and knows no instance and no client',
  },
  '^src/main/insight/': {
    may: [BASE, CONTRACT, '^src/rpc/handlers\\.ts$', '^src/main/session/'],
    because: 'asks instances through sessions, and knows no engine and no client',
  },
  '^src/main/monitor/': {
    may: [BASE, CONTRACT],
    because: 'keeps and judges numbers, whatever they are numbers of',
  },
  '^src/main/log/': {
    may: [BASE, CONTRACT],
    because: 'writes lines, whatever they tell',
  },
  '^src/main/host/': {
    may: [
      BASE,
      CONTRACT,
      RPC,
      '^src/main/(session|engine|storage|parser|snapshots|transfer|try|archive|worker)/',
      '^src/main/(cache|statistics|insight|monitor|log|live)/',
      '^src/parser/password-redaction\\.ts$',
      '^src/main/endpoints/(postgres|web|envelope|neon)/',
      '^src/main/endpoints/(live-reader|login-limiter)\\.ts$',
      '^src/main/page/product-folder\\.ts$',
    ],
    because: 'host wires what lies behind the port, and the endpoint for other programs; shells are windows',
  },
  '^src/main/headless/': {
    may: [BASE, CONTRACT, RPC, PAGE, '^src/main/(host|endpoints)/'],
    because: 'shells start a host and hand it ports',
  },
  '^src/main/electron/': {
    may: [BASE, CONTRACT, RPC, PAGE, '^src/main/(host|endpoints)/', '^src/main/storage/private-files\\.ts$'],
    because: 'shells start a host and hand it ports; what the app itself remembers is one private file',
  },
  '^src/main/cli/': {
    may: [
      BASE,
      CONTRACT,
      RPC,
      PAGE,
      '^src/main/(host|headless|endpoints)/',
      '^src/main/storage/directory-lock\\.ts$',
    ],
    because: 'commands drive a host or its shell, and ask the lock who holds a directory',
  },
  '^src/client/': {
    may: [
      BASE,
      '^src/contract/(column-batch|cell-text|float8-text|error)\\.ts$',
      PROTOCOL,
      '^native-wasm/js/(layout|(twin-|wasm-)?text-reader|(wasm-)?frame-codec)\\.ts$',
    ],
    because: 'the client runs in the programs of others, and knows the protocol alone',
  },
  '^src/preload/': {
    may: [],
    because: 'preload forwards, never decides',
  },
  '^src/renderer/': {
    may: [BASE, CONTRACT, RPC, PARSER],
    because: 'the renderer reaches main through the contract only',
  },
}

/** Package -> folders that may import it. */
const RENDERER_VIEWS = `^src/renderer/(${PANES}|widgets|app)/|^src/renderer/main\\.tsx$`
const PACKAGES = {
  electron: '^src/main/electron/|^src/preload/',
  'electron-updater': '^src/main/electron/auto-update\\.ts$',
  '@electric-sql/pglite': '^src/main/engine/pglite/',
  pg: '^src/main/engine/postgres/',
  '@electric-sql/pglite-tools': '^src/main/transfer/',
  'pglite-postgres-17': '^src/main/transfer/',
  'better-sqlite3': '^src/main/storage/',
  'libpg-query': '^src/parser/',
  '@msgpack/msgpack': '^src/protocol/',
  ws: '^src/main/endpoints/',
  '@peculiar/x509': '^src/main/endpoints/postgres/',
  'reflect-metadata': '^src/main/endpoints/postgres/',
  '@mongodb-js/saslprep': '^src/main/endpoints/postgres/',
  'tar-stream': '^src/main/archive/',
  commander: '^src/main/cli/',
  'prom-client': '^src/main/monitor/',
  pino: '^src/main/log/',
  'monaco-editor': '^src/renderer/console/',
  react: `${RENDERER_VIEWS}|^src/renderer/state/`,
  'react-dom': RENDERER_VIEWS,
  'react-aria-components': RENDERER_VIEWS,
  'react-resizable-panels': RENDERER_VIEWS,
  'lucide-react': RENDERER_VIEWS,
  uplot: '^src/renderer/dashboard/',
  '@fontsource/jetbrains-mono': RENDERER_VIEWS,
  '@types/[^/]+': '^src/',
}

/** Matches a package whether or not it is installed: an unresolved one has no node_modules/ in its path. */
const packagePath = (name) => `(^|node_modules/)${name}(/|$)`
const escape = (text) => text.replaceAll('.', '\\.')

const layerRules = Object.entries(LAYERS).map(([folder, { may, because }]) => ({
  name: `${folder
    .replaceAll(/[\^/]+/g, ' ')
    .trim()
    .replaceAll(' ', '-')}-imports`,
  severity: 'error',
  comment: because,
  from: { path: folder, pathNot: TESTS },
  to: { path: '^(src|native-wasm)/', pathNot: [folder, ...may] },
}))

const packageRules = Object.entries(PACKAGES).map(([name, owners]) => ({
  name: `${name.replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '')}-has-one-owner`,
  severity: 'error',
  comment: `only ${owners} may import ${name}`,
  from: { path: '^(src|native-wasm)/', pathNot: [owners, TESTS] },
  to: { path: packagePath(name), pathNot: '^src/' },
}))

const NPM = [
  'npm',
  'npm-dev',
  'npm-peer',
  'npm-optional',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'unknown',
]
const noNode = (name, path) => ({
  name,
  severity: 'error',
  comment: 'runs in a browser too',
  from: { path, pathNot: TESTS },
  to: { dependencyTypes: ['core'] },
})

const generalRules = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'no-dead-files',
    severity: 'error',
    comment: 'neither an entry nor a test reaches it',
    from: { path: [...ENTRIES, TESTS, TOOLING] },
    to: { path: '^(src|native-wasm/js)/', pathNot: ['\\.d\\.ts$', ...ENTRIES, TESTS], reachable: false },
  },
  {
    name: 'product-never-imports-tests',
    severity: 'error',
    from: { path: '^(src|native-wasm)/', pathNot: TESTS },
    to: { path: TESTS },
  },
  {
    name: 'product-never-imports-tooling',
    severity: 'error',
    from: { path: '^(src|native-wasm)/', pathNot: TESTS },
    to: { path: TOOLING },
  },
  {
    name: 'folders-are-known',
    severity: 'error',
    comment: 'a new folder is entered in LAYERS first',
    from: { path: '^src/', pathNot: [...Object.keys(LAYERS), TESTS] },
    to: { path: '^(src|native-wasm)/' },
  },
  {
    name: 'packages-are-classified',
    severity: 'error',
    comment: 'a new npm package is entered in PACKAGES first',
    from: { path: '^(src|native-wasm)/', pathNot: TESTS },
    to: { dependencyTypes: NPM, pathNot: Object.keys(PACKAGES).map((name) => packagePath(escape(name))) },
  },
  noNode('std-has-no-node', '^src/(base|contract|rpc|parser|protocol|client)/'),
  noNode('renderer-has-no-node', '^src/(renderer|preload)/'),
  {
    name: 'std-has-no-npm',
    severity: 'error',
    from: { path: '^src/(base|contract|rpc|client)/', pathNot: TESTS },
    to: { dependencyTypes: NPM },
  },
]

const rendererRules = [
  {
    name: 'panes-are-siblings',
    severity: 'error',
    comment: 'what two panes need belongs to state or widgets',
    from: { path: `^src/renderer/(${PANES})/`, pathNot: TESTS },
    to: { path: `^src/renderer/(${PANES}|app)/`, pathNot: '^src/renderer/$1/' },
  },
  {
    name: 'panes-go-through-state',
    severity: 'error',
    from: { path: `^src/renderer/(${PANES}|app)/`, pathNot: TESTS },
    to: { path: '^src/renderer/client/|^src/rpc/' },
  },
  {
    name: 'widgets-know-no-state',
    severity: 'error',
    comment: 'props in, events out',
    from: { path: '^src/renderer/widgets/', pathNot: TESTS },
    to: { path: `^src/renderer/(state|client|app|${PANES})/|^src/(rpc|parser)/` },
  },
  {
    name: 'state-is-below-panes',
    severity: 'error',
    from: { path: '^src/renderer/(state|client)/', pathNot: TESTS },
    to: { path: `^src/renderer/(${PANES}|widgets|app)/` },
  },
  {
    name: 'client-is-below-state',
    severity: 'error',
    from: { path: '^src/renderer/client/', pathNot: TESTS },
    to: { path: '^src/renderer/state/' },
  },
]

module.exports = {
  forbidden: [...generalRules, ...layerRules, ...packageRules, ...rendererRules],
  options: {
    // Type-only imports count: a type edge in the wrong direction is a wrong edge.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|native-wasm/src|native-wasm/out)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
