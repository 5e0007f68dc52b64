# iCE40. Debian: yosys, nextpnr-ice40, fpga-icestorm.
NEXTPNR = nextpnr-ice40
PACKER = icepack
BITSTREAM = helu.bin
ROUTED = helu.routed
include common.mk

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); synth_ice40 -top helu_board -json $@; $(STAT)'

helu.routed: helu.json helu_board.pcf
	$(NEXTPNR) $(DEVICE) --freq $(MHZ) --json helu.json --pcf helu_board.pcf --asc $@ \
	  --report timing.json --quiet --log nextpnr.log

helu.bin: helu.routed
	icepack $< $@
