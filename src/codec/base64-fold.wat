;; Folds base64 text into lines of 76 characters with CRLF after each: RFC 2045 §6.8.
;;
;; Built with `wat2wasm base64-fold.wat -o base64-fold.wasm && base64 -w0 base64-fold.wasm` (wabt 1.0.24 or newer; older
;; ones want --enable-simd). The output is MODULE in ./base64-fold.ts.
;;
;; Memory, three pages of 64 KiB: 1024 lines of text from 0, 77824 octets; the folded form from 77824, 79872 octets.
(module
  (memory (export "memory") 3)

  ;; Copies `lines` times 76 octets from `text` to `folded`, and CRLF after each. The two must not overlap.
  (func (export "fold") (param $text i32) (param $folded i32) (param $lines i32)
    (if (i32.eqz (local.get $lines)) (then (return)))
    (loop $line
      ;; 76 octets as five vectors of 16; the last one overlaps the fourth by 4.
      (v128.store offset=0 align=1 (local.get $folded) (v128.load offset=0 align=1 (local.get $text)))
      (v128.store offset=16 align=1 (local.get $folded) (v128.load offset=16 align=1 (local.get $text)))
      (v128.store offset=32 align=1 (local.get $folded) (v128.load offset=32 align=1 (local.get $text)))
      (v128.store offset=48 align=1 (local.get $folded) (v128.load offset=48 align=1 (local.get $text)))
      (v128.store offset=60 align=1 (local.get $folded) (v128.load offset=60 align=1 (local.get $text)))
      (i32.store16 offset=76 align=1 (local.get $folded) (i32.const 0x0a0d))
      (local.set $text (i32.add (local.get $text) (i32.const 76)))
      (local.set $folded (i32.add (local.get $folded) (i32.const 78)))
      (br_if $line (local.tee $lines (i32.sub (local.get $lines) (i32.const 1)))))))
