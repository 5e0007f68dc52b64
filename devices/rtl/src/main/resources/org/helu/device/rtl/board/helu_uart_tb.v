// Sends the testbench's samples over the serial line, one by one, and compares the answers' bytes.
//
//   iverilog -g2005 -s helu_uart_tb -o uart helu_*.v && vvp uart      (without helu_board.v)

`timescale 1ns / 1ps

module helu_uart_tb;
  `include "helu_params.vh"
  `include "helu_tb.vh"
  localparam DIVIDER   = 8;
  localparam IN_BYTES  = INPUT_TDATA / 8;
  localparam OUT_BYTES = OUTPUT_TDATA / 8;
  localparam OUTPUTS   = SAMPLES * OUTPUT_BEATS;

  reg [INPUT_TDATA-1:0]  inputs [0:SAMPLES*INPUT_BEATS-1];
  reg [OUTPUT_TDATA-1:0] expected [0:OUTPUTS-1];
  reg  clk = 1'b0;
  reg  rx = 1'b1;
  wire tx;
  always #5 clk = !clk;

  helu_shell #(.DIVIDER(DIVIDER)) dut (.clk(clk), .rx(rx), .tx(tx));

  task send(input [7:0] value);
    integer bit_number;
    reg [9:0] frame;
    begin
      frame = {1'b1, value, 1'b0};
      for (bit_number = 0; bit_number < 10; bit_number = bit_number + 1) begin
        rx = frame[bit_number];
        repeat (DIVIDER) @(negedge clk);
      end
    end
  endtask

  integer sample, i, b;
  integer answered = 0;  // samples
  integer errors = 0;

  initial begin
    $readmemh("tb_input.mem", inputs);
    $readmemh("tb_expected.mem", expected);
    repeat (64) @(negedge clk);
    for (sample = 0; sample < SAMPLES; sample = sample + 1) begin
      for (i = 0; i < INPUT_BEATS; i = i + 1)
        for (b = 0; b < IN_BYTES; b = b + 1)
          send(inputs[sample*INPUT_BEATS + i][b*8 +: 8]);
      wait (answered == sample + 1);
    end
  end

  integer beat, byte_number, n;
  reg [7:0]              got;
  reg [OUTPUT_TDATA-1:0] wanted;
  initial begin
    for (beat = 0; beat < OUTPUTS; beat = beat + 1) begin
      for (byte_number = 0; byte_number < OUT_BYTES; byte_number = byte_number + 1) begin
        @(negedge tx);
        repeat (DIVIDER / 2) @(negedge clk);
        for (n = 0; n < 8; n = n + 1) begin
          repeat (DIVIDER) @(negedge clk);
          got[n] = tx;
        end
        repeat (DIVIDER) @(negedge clk);
        wanted = expected[beat];
        if (!tx || got !== wanted[byte_number*8 +: 8]) begin
          errors = errors + 1;
          $display("FAIL: answer %0d, byte %0d: expected %h, found %h", beat, byte_number,
                   wanted[byte_number*8 +: 8], got);
        end
      end
      if ((beat + 1) % OUTPUT_BEATS == 0)
        answered = answered + 1;
    end
    if (errors == 0)
      $display("PASS: %0d samples over the serial line", SAMPLES);
    $finish;
  end

  initial begin
    repeat (LIMIT + SAMPLES * 10 * DIVIDER * (INPUT_BEATS * IN_BYTES + OUTPUT_BEATS * OUT_BYTES)) @(posedge clk);
    $display("FAIL: no answer within the limit");
    $finish;
  end
endmodule
