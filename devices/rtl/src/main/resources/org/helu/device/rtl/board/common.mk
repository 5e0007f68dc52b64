SOURCES = helu_stream.v helu_window.v helu_mac.v helu_epilogue.v helu_memories.v helu_top.v \
  helu_uart.v helu_board.v
READ = read_verilog $(DEFINES) $(SOURCES)
STAT = tee -q -o cells.txt stat

# Said before an hour of synthesis, not behind it.
MISSING := $(strip $(foreach tool,yosys $(NEXTPNR) $(PACKER),$(if $(shell command -v $(tool)),,$(tool))))
ifneq ($(MAKECMDGOALS),clean)
ifneq ($(MISSING),)
$(error not on PATH: $(MISSING). The packages are named at the head of the Makefile)
endif
endif

# A file that its tool did not finish is no file.
.DELETE_ON_ERROR:
.PHONY: all clean

all: $(BITSTREAM) report.txt

# Tool versions, cells, the place-and-route tool's table of used parts, and the clock that it reached.
report.txt: $(ROUTED)
	yosys -V > $@
	$(NEXTPNR) $(DEVICE) --version >> $@ 2>&1
	cat cells.txt >> $@
	awk '/Device utili[sz]ation/ {on=1} on && !/:.*[0-9]+\// && !/Device/ {on=0} on' nextpnr.log >> $@
	awk '/^Info: Routing/ {n=0} /Max frequency for clock/ {line[n++]=$$0} END {for (i=0; i<n; i++) print line[i]}' nextpnr.log >> $@

clean:
	rm -f helu.json helu.routed helu.bin helu.bit helu.fs report.txt cells.txt yosys.log nextpnr.log timing.json
