// `npm test`: on a bare clone too, installs, finds a browser and runs every suite.
import { continueWith } from './bootstrap.mjs'

continueWith('suites.ts')
