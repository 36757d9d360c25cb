Workbooks: which sheet is read, what a cell says, which formats are dates, what is damaged; and the workbook that is written.

  $ cat >book.py <<'END'
  > """Makes a workbook of lines: '# NAME [STATE]' begins a sheet, '@N' before a row is its number, cells are separated by '|'."""
  > import re, sys, zipfile
  > from xml.sax.saxutils import escape, quoteattr
  > shared = ["plain", "r<i>ch", "pho", "a_x000D_b_x0041_c_x00e9_d_xFFFE_"]
  > def cell(text):
  >     kind, _, rest = text.partition(":") if re.match(r"(raw|s|b|e|str|f|i|x-?[0-9]+):", text) else ("", "", text)
  >     if kind == "raw": return rest
  >     if kind == "s": return f'<c t="s"><v>{rest}</v></c>'
  >     if kind in ("b", "e", "str"): return f'<c t="{kind}"><f>x</f><v>{escape(rest)}</v></c>'
  >     if kind == "f": return f'<c><f>{rest}</f></c>'
  >     if kind.startswith("x"): return f'<c s="{kind[1:]}"><v>{rest}</v></c>'
  >     if not text: return "<c/>"
  >     if re.fullmatch(r"-?[0-9.]+(e[0-9+-]+)?", text): return f'<c><v>{text}</v></c>'
  >     return f'<c t="inlineStr"><is><t>{escape(rest if kind == "i" else text)}</t></is></c>'
  > sheets = []
  > for line in sys.stdin.read().split("\n")[:-1]:
  >     if line.startswith("# "):
  >         sheets.append([line[2:].split("|"), []])
  >         continue
  >     number, _, rest = line[1:].partition(" ") if line.startswith("@") else ("", "", line)
  >     row = "".join(cell(text) for text in rest.split("|"))
  >     sheets[-1][1].append(f'<row{f" r=" + quoteattr(number) if number else ""}>{row}</row>')
  > formats = [0, 14, 164, 165, 166, 167, 13, 22, 23, 26, 27, 36, 37, 44, 45, 47, 48, 49, 50, 58, 59, 168, 169, 170]
  > codes = {164: "0.0", 165: "yyyy-mm-dd", 166: '"day" 0', 167: "[Red]0", 168: "[h]:mm", 169: "\\\\d0", 170: "Standard"}
  > with zipfile.ZipFile(sys.argv[1], "w") as book:
  >     if "nobook" not in sys.argv:
  >         book.writestr("xl/workbook.xml", "<workbook><sheets>" + "".join(
  >             f'<sheet name={quoteattr(name[0])} {"state=" + quoteattr(name[1]) if len(name) > 1 else ""} r:id="r{at}"/>'
  >             for at, (name, _) in enumerate(sheets)) + "</sheets></workbook>")
  >     book.writestr("xl/_rels/workbook.xml.rels", "<Relationships>" + "".join(
  >         f'<Relationship Id="r{at}" Target="{"/xl/" if at % 2 else ""}worksheets/s{at}.xml"/>' for at in range(len(sheets))) + "</Relationships>")
  >     book.writestr("xl/sharedStrings.xml", "<sst><si><t>plain</t></si><si><r><t>r&lt;</t></r><r><rPr/><t>i&gt;ch</t></r></si>"
  >                   "<si><t>pho</t><rPh><t>hidden</t></rPh></si><si><t>a_x000D_b_x0041_c_x00e9_d_xFFFE_</t></si></sst>")
  >     book.writestr("xl/styles.xml", "<styleSheet><numFmts>" + "".join(f'<numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in codes.items()) +
  >                   '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>' + "".join(f'<xf numFmtId="{key}"/>' for key in formats) + "</cellXfs></styleSheet>")
  >     for at, (_, rows) in enumerate(sheets):
  >         if "nosheet" not in sys.argv:
  >             book.writestr(f"xl/worksheets/s{at}.xml", "<worksheet><sheetData>" + "".join(rows) + ("</sheetData></worksheet>" if "cut" not in sys.argv else ""))
  > END
  $ type=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
  $ book() { printf '%b\n' "$@" | python3 book.py book.xlsx $parts; }
  $ read_book() { api POST "/import?${1-}" -H "Content-Type: $type" -H 'Accept: text/plain' --data-binary @book.xlsx; }

The sheet: the first visible one with a header of a table, or the one that is asked for.

  $ book '# Notes' 'about|this' '# Tags' 'device|topic|tag|scale' 'a|a/t|x|0.5' '||y|2' '# More' 'device|topic|tag' 'b|b/t|x' '# Hidden|hidden' 'device|topic|tag' 'c|c/t|x' '# Very|veryHidden' 'x'
  $ read_book dry_run=true
  200
  Nothing is imported yet, this is a dry run: 3 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  a
  create  a/x   400001   float32
  create  a/y   400003   float32
  Warnings:
  rows  column  cell  what is right
  1                   only the sheet "Tags" is read; sheet= in the query chooses another of "Notes", "Tags", "More", "Hidden", "Very"
  $ read_book 'dry_run=true&sheet=More'
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  b
  create  b/x   400001   float32
  $ read_book 'dry_run=true&sheet=Hidden'
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  c
  create  c/x   400001   float32
  $ read_book 'dry_run=true&sheet=more'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   there is no sheet "more"; the workbook has "Notes", "Tags", "More", "Hidden", "Very"
  $ read_book 'dry_run=true&sheet=Notes'
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  1     tag           this column, with the names of the tags, is required
  Warnings:
  rows  column  cell  what is right
  1     about         this column is ignored: it is none of the table
  1     this          this column is ignored: it is none of the table
  $ book '# One|hidden' 'device|topic|tag' 'c|c/t|x'
  $ read_book dry_run=true
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  c
  create  c/x   400001   float32
  $ book '# One' 'some|thing' '# Two' 'device|some|thing' '# Three' 'tag|topic'
  $ read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  Warnings:
  rows  column  cell  what is right
  1                   only the sheet "Three" is read; sheet= in the query chooses another of "One", "Two", "Three"
  $ book '# One' $(printf 'list%s ' {1..19}) 'device|topic|tag' 'c|c/t|x'
  $ read_book dry_run=true
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  c
  create  c/x   400001   float32
  $ book '# One' $(printf 'list%s ' {1..20}) 'device|topic|tag' 'c|c/t|x'
  $ read_book dry_run=true
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  1     tag           this column, with the names of the tags, is required
  Warnings:
  rows  column  cell  what is right
  1     list1         this column is ignored: it is none of the table

Cells: shared texts, inline texts, numbers, booleans, errors, formulas; rows with numbers of their own.

  $ book '# S' 'device|topic|tag|description|enabled|scale' 's:0|p/t|x|s:1|b:1|1e-3' '@9 ||y|s:2|b:0|0.1' '||z|s:3|TRUE|12345678901234567890' '||w|12.5|str:FALSE|str:2' '@1048576 ||v|0.30000000000000004|1|-7'
  $ read_book
  200
  Imported: 6 created, 0 changed, 0 deleted.
  action  name     address  type     difference
  create  plain
  create  plain/x  400001   float32
  create  plain/y  400003   float32
  create  plain/z  400005   float32
  create  plain/w  400007   float32
  create  plain/v  400009   float32
  $ api GET '/export?format=csv&device=plain' | tr -d '\r'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  plain,p/t,1,v,v,to_modbus,holding_register,8,float32,ABCD,,,-7,0,reject,,,true,0.30000000000000004
  plain,p/t,1,w,w,to_modbus,holding_register,6,float32,ABCD,,,2,0,reject,,,false,12.5
  plain,p/t,1,x,x,to_modbus,holding_register,0,float32,ABCD,,,0.001,0,reject,,,true,r<i>ch
  plain,p/t,1,y,y,to_modbus,holding_register,2,float32,ABCD,,,0.1,0,reject,,,false,pho
  plain,p/t,1,z,z,to_modbus,holding_register,4,float32,ABCD,,,1.2345678901234567e+19,0,reject,,,true,"abAc_x00e9_d\xef\xbf\xbe" (esc)
  $ book '# S' 'device|topic|tag|description|enabled|scale' 'a|p/t|x|e:#N/A|e:#REF!|e:#DIV/0!' '||y|f:1+1|f:A1|f:A2' '@7 ||z|d|maybe|x' 'f:1|f:1|f:1|f:1|f:1|f:1'
  $ read_book
  422
  Nothing was imported: there are 8 faults.
  rows  column       cell       what is right
  2     description  "#N/A"     is an error of the spreadsheet; mend the formula, or write the value
  2     enabled      "#REF!"    is an error of the spreadsheet; mend the formula, or write the value
  2     scale        "#DIV/0!"  is an error of the spreadsheet; mend the formula, or write the value
  3     description  ""         is a formula without its result; open and save the file with a spreadsheet
  3     enabled      ""         is a formula without its result; open and save the file with a spreadsheet
  3     scale        ""         is a formula without its result; open and save the file with a spreadsheet
  7     enabled      "maybe"    must be true or false, 1 or 0
  7     scale        "x"        must be a number
  $ api POST /import -H "Content-Type: $type" --data-binary @book.xlsx
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 8 errors; see errors.","errors":[
  {"row":2,"column":"description","cell":"#N/A","code":"unreadable_cell","detail":"is an error of the spreadsheet; mend the formula, or write the value"},
  {"row":2,"column":"enabled","cell":"#REF!","code":"unreadable_cell","detail":"is an error of the spreadsheet; mend the formula, or write the value"},
  {"row":2,"column":"scale","cell":"#DIV/0!","code":"unreadable_cell","detail":"is an error of the spreadsheet; mend the formula, or write the value"},
  {"row":3,"column":"description","cell":"","code":"unreadable_cell","detail":"is a formula without its result; open and save the file with a spreadsheet"},
  {"row":3,"column":"enabled","cell":"","code":"unreadable_cell","detail":"is a formula without its result; open and save the file with a spreadsheet"},
  {"row":3,"column":"scale","cell":"","code":"unreadable_cell","detail":"is a formula without its result; open and save the file with a spreadsheet"},
  {"row":7,"column":"enabled","cell":"maybe","code":"wrong_type","detail":"must be true or false, 1 or 0"},
  {"row":7,"column":"scale","cell":"x","code":"wrong_type","detail":"must be a number"}]}

Formats: a number that is shown as a date is refused, unless its column is not read.

  $ book '# S' 'device|topic|tag|scale|other' 'a|p/t|t|x0:1|x1:1' $(for style in {1..23}; do echo "||t$style|x$style:1|1"; done) '||t24|x24:1|' '||t25|x-1:1|'
  $ read_book
  422
  Nothing was imported: there are 11 faults.
  rows                              column  cell  what is right
  3, 5, 9, 12-13, 16-17, 20-21 ...  scale   "1"   is a date, which the spreadsheet may have made of a number such as 1.5; give the column the format text and write the number again
  Warnings:
  rows  column  cell  what is right
  1     other         this column is ignored: it is none of the table
  $ api POST /import -H "Content-Type: $type" --data-binary @book.xlsx | grep -o '"row":[0-9]*' | paste -sd ' '
  "row":3 "row":5 "row":9 "row":12 "row":13 "row":16 "row":17 "row":20 "row":21 "row":23 "row":24

References: columns by letters, rows in order.

  $ book '# S' 'raw:<c r="C1" t="str"><v>tag</v></c><c t="str"><v>scale</v></c><c r="A1" t="str"><v>device</v></c><c r="B1" t="str"><v>topic</v></c>' 'raw:<c r="D2"><v>3</v></c><c r="A2" t="str"><v>r</v></c><c t="str"><v>r/t</v></c><c t="str"><v>x</v></c>'
  $ read_book dry_run=true
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  r
  create  r/x   400011   float32
  $ for place in A0A1 AAA2 1 AAAA1 a1 ''; do book '# S' 'device|topic|tag' "r|r/t|raw:<c r=\"$place\" t=\"str\"><v>x</v></c>"; read_book dry_run=true; done
  200
  Nothing is imported yet, this is a dry run: 1 created, 0 changed, 0 deleted.
  action  name  address  type  difference
  create  x
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   has 193 fields, but the header has 3
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  $ book '# S' 'device|topic|tag' 'r|r/t|x|raw:<c r="GJ2"><v>1</v></c>'
  $ read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   has 192 fields, but the header has 3
  $ book '# S' 'device|topic|tag' 'r|r/t|x|raw:<c r="GK2"><v>1</v></c>'
  $ read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   has 193 fields, but the header has 3
  $ for row in 0 1048577 -5 x; do book '# S' 'device|topic|tag' "@$row r|r/t|x"; read_book dry_run=true; done
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet

Damaged, or no workbook; the type of the body does not matter for one.

  $ book '# S' 'device|topic|tag' 'r|r/t|s:4'; read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  $ book '# S' 'device|topic|tag' 'r|r/t|s:-1'; read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  $ parts=nobook book '# S' 'device|topic|tag'; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not a workbook (.xlsx), is damaged, or is too large.","errors":[]}
  $ parts=nosheet book '# S' 'device|topic|tag'; read_book dry_run=true
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell  what is right
  1                   the header row is missing
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  $ parts=cut book '# S' 'device|topic|tag' 'r|r/t|x'; read_book dry_run=true
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  $ book '# S' 'device|topic|tag' 'r|r/t|x'; head -c 400 book.xlsx >cut.xlsx; mv cut.xlsx book.xlsx; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not a workbook (.xlsx), is damaged, or is too large.","errors":[]}
  $ printf 'PK\3\4' >book.xlsx; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not a workbook (.xlsx), is damaged, or is too large.","errors":[]}
  $ printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old' >book.xlsx; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is a workbook of an old format (.xls), or has a password; save it as .xlsx without one.","errors":[]}
  $ printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a' >book.xlsx; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not a workbook (.xlsx), is damaged, or is too large.","errors":[]}
  $ printf 'text' >book.xlsx; read_book dry_run=true
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not a workbook (.xlsx), is damaged, or is too large.","errors":[]}
  $ book '# S' 'device|topic|tag' 'r|r/t|x'; type=text/csv; read_book dry_run=true; type=application/json; read_book 'dry_run=true&format=csv'; read_book 'dry_run=true&format=json' | cut -c1-150
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  r
  create  r/x   400011   float32
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  r
  create  r/x   400011   float32
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 0.","errors":[]}

A workbook of another product.

  $ type=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
  $ book '# Hidden|hidden' 'x' '# T' 'group|name|address|attribute|type|decimal' 'g|a|1!400101|Read|INT16|0.5' 'g|b|1!4x|Read|INT16|1'
  $ read_book format=neuron
  422
  Nothing was imported: there is 1 fault.
  rows  column   cell    what is right
  3     address  "1!4x"  "1!4x": after ! come the digit of a table and up to five digits, such as 1!400001
  Warnings:
  place  what is right
         g: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ read_book 'format=neuron&sheet=Hidden'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the first row must have the columns name, address and type, as in the tables that Neuron exports
  $ read_book 'format=neuron&sheet=Other'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the workbook does not have this sheet
  $ parts=cut book '# T' 'Tag Name|Address' 'g.a|400101'; read_book format=kepware
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the sheet is damaged or too large; save it again with a spreadsheet
  Warnings:
  place  what is right
         g: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}

Export: the parts of the workbook, of texts that XML or a reader would change.

  $ api POST /devices '{"name": "e", "network": {"unit_id": 1}, "mqtt": {"topic": "e/t"}}' >/dev/null
  $ api POST /devices/e/tags "$(printf '{"name": "a", "description": "%s", "unit": "%s", "enabled": false, "modbus": {"address": 500, "type": "float64", "scale": 0.1, "offset": -1e-7, "on_stale": "nan"}}' "<&>\\\" \\r\\n\\t\\u0001 _x0041_ _x00 \\uffff'" "'q")" >/dev/null
  $ api POST /devices/e/tags '{"name": "b", "label": "=1", "mqtt": {"values": {"on": 1}}, "modbus": {"address": 504, "type": "bool", "bit": 12, "on_stale": 1}}' >/dev/null
  $ api GET '/export?format=xlsx&device=e' -o out.xlsx
  200
  $ python3 -c 'import zipfile; [print(part.filename, part.date_time, part.compress_type) for part in zipfile.ZipFile("out.xlsx").infolist()]'
  [Content_Types].xml (1980, 1, 1, 0, 0, 0) 8
  _rels/.rels (1980, 1, 1, 0, 0, 0) 8
  xl/workbook.xml (1980, 1, 1, 0, 0, 0) 8
  xl/_rels/workbook.xml.rels (1980, 1, 1, 0, 0, 0) 8
  xl/styles.xml (1980, 1, 1, 0, 0, 0) 8
  xl/worksheets/sheet1.xml (1980, 1, 1, 0, 0, 0) 8
  $ python3 -c 'import zipfile; [print(zipfile.ZipFile("out.xlsx").read(name).decode().replace("><", ">\n<")) for name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")]'
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
  <Default Extension="xml" ContentType="application/xml"/>
  <Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
  <Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
  <Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
  </Types>
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
  </Relationships>
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
  <sheets>
  <sheet name="Tags" sheetId="1" r:id="rId1"/>
  </sheets>
  </workbook>
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
  <Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
  </Relationships>
  <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
  <fonts count="2">
  <font>
  <sz val="11"/>
  <name val="Calibri"/>
  </font>
  <font>
  <b/>
  <sz val="11"/>
  <name val="Calibri"/>
  </font>
  </fonts>
  <fills count="2">
  <fill>
  <patternFill patternType="none"/>
  </fill>
  <fill>
  <patternFill patternType="gray125"/>
  </fill>
  </fills>
  <borders count="1">
  <border/>
  </borders>
  <cellStyleXfs count="1">
  <xf/>
  </cellStyleXfs>
  <cellXfs count="2">
  <xf/>
  <xf fontId="1" applyFont="1"/>
  </cellXfs>
  </styleSheet>
  $ python3 -c 'import zipfile; print(ascii(zipfile.ZipFile("out.xlsx").read("xl/worksheets/sheet1.xml").decode()).replace("<row>", "\n<row>").replace("<c", "\n<c").replace("</sheetData>", "\n</sheetData>"))'
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>
  <cols>
  <col min="1" max="21" width="18" customWidth="1"/></cols><sheetData>
  <row>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">device</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">topic</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">unit_id</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">tag</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">key</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">direction</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">table</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">address</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">type</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">byte_order</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">bit</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">length</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">scale</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">offset</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">on_overflow</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">on_stale</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">unit</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">enabled</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">description</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">label</t></is></c>
  <c s="1" t="inlineStr"><is><t xml:space="preserve">values</t></is></c></row>
  <row>
  <c t="inlineStr"><is><t xml:space="preserve">e</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">e/t</t></is></c>
  <c><v>1</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">a</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">a</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">to_modbus</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">holding_register</t></is></c>
  <c><v>500</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">float64</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">ABCD</t></is></c>
  <c/>
  <c/>
  <c><v>0.1</v></c>
  <c><v>-1e-07</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">reject</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">nan</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">\'\'q</t></is></c>
  <c t="b"><v>0</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">&lt;&amp;&gt;" _x000D_\n\t_x0001_ _x005F_x0041_ _x00 _xFFFF_\'</t></is></c>
  <c/>
  <c/></row>
  <row>
  <c t="inlineStr"><is><t xml:space="preserve">e</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">e/t</t></is></c>
  <c><v>1</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">b</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">b</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">to_modbus</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">holding_register</t></is></c>
  <c><v>504</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">bool</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">ABCD</t></is></c>
  <c><v>12</v></c>
  <c/>
  <c><v>1</v></c>
  <c><v>0</v></c>
  <c t="inlineStr"><is><t xml:space="preserve">reject</t></is></c>
  <c><v>1</v></c>
  <c/>
  <c t="b"><v>1</v></c>
  <c/>
  <c t="inlineStr"><is><t xml:space="preserve">=1</t></is></c>
  <c t="inlineStr"><is><t xml:space="preserve">{"on":1}</t></is></c></row>
  </sheetData><autoFilter ref="A1:U3"/></worksheet>'
  $ cp out.xlsx book.xlsx; read_book dry_run=true
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  action     name  address    type     difference
  unchanged  e/a   400501     float64
  unchanged  e/b   400505.12  bool
