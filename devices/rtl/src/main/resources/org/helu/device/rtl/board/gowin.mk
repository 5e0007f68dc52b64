# Gowin. Debian from 14 on: yosys, nextpnr-himbaechel-gowin, python3-apycula.
NEXTPNR = nextpnr-himbaechel-gowin
PACKER = gowin_pack
BITSTREAM = helu.fs
ROUTED = helu.routed
include common.mk

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); synth_gowin -family $(SYNTH) -top helu_board -json $@; $(STAT)'

helu.routed: helu.json helu_board.cst
	$(NEXTPNR) $(DEVICE) --vopt family=$(FAMILY) --vopt cst=helu_board.cst --freq $(MHZ) \
	  --json helu.json --write $@ --report timing.json --quiet --log nextpnr.log

helu.fs: helu.routed
	gowin_pack -d $(FAMILY) -o $@ $<
