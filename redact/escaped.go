package redact

import "strings"

// findEscaped finds what others find, in a text out of JSON, a log or a URL, where a line
// break is written \n and a comma %2C.
func findEscaped(find func(*view) []hit) func(*view) []hit {
	return func(v *view) []hit {
		if !strings.ContainsAny(v.lower, `\%`) {
			return nil
		}
		out, any := []byte(v.lower), false
		for i := 0; i+1 < len(out); i++ {
			switch {
			case out[i] == '\\' && strings.IndexByte("nrt", out[i+1]) >= 0:
				out[i], out[i+1] = '\n', ' '
			case out[i] == '%' && i+2 < len(out) && isHex(out[i+1]) && isHex(out[i+2]):
				out[i], out[i+1], out[i+2] = ',', ' ', ' '
			default:
				continue
			}
			any = true
		}
		if !any {
			return nil
		}
		return find(&view{plain: string(out), lower: string(out), grams: gramsOf(string(out))})
	}
}
