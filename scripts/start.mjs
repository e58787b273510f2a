// `npm start`: on a bare clone too, installs, builds what changed and serves the demo.
import { continueWith } from './bootstrap.mjs'

continueWith('demo.ts')
