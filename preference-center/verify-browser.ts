// The script of the checking page.
import { startVerify } from './verify.tsx'

startVerify({ document, location, fetch: (...request) => fetch(...request) })
