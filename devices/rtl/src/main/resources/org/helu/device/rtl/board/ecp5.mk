# ECP5. Debian: yosys, nextpnr-ecp5, fpga-trellis.
NEXTPNR = nextpnr-ecp5
PACKER = ecppack
BITSTREAM = helu.bit
ROUTED = helu.routed
DEFINES = -DHELU_SPELL_OUT_CARRIES
include common.mk

# Of a clock 5 ns are for LUTs, the rest is for wires. Without a limit abc9 buys speed with LUTs: an
# unfolded network of 64-64-64-10 took 30 % more.
LUT_DELAY = scratchpad -set abc9.D 5000

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); $(LUT_DELAY); synth_ecp5 -top helu_board -json $@; $(STAT)'

helu.routed: helu.json helu_board.lpf
	$(NEXTPNR) $(DEVICE) --freq $(MHZ) --json helu.json --lpf helu_board.lpf --textcfg $@ \
	  --report timing.json --quiet --log nextpnr.log

helu.bit: helu.routed
	ecppack --compress --input $< --bit $@
